//! The state of the CRM: customers, invoices, refunds and what was sent.
//!
//! Refused, as a tool error the model can read: unknown ids, a refund above what is left of an
//! invoice, another currency than the invoice's.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::people::Customer;

const CURRENCIES: [&str; 3] = ["USD", "EUR", "GBP"];
/// Invoices begin here, two for each customer.
const FIRST_INVOICE: u32 = 1001;

/// Everything in memory.
pub(super) struct Store {
    customers: BTreeMap<String, Customer>,
    invoices: BTreeMap<String, Invoice>,
    refunds: Vec<Refund>,
    mails_sent: u64,
}

/// Money that a customer owes or has paid. Amounts are in cents.
#[derive(Clone, Serialize)]
pub(super) struct Invoice {
    id: String,
    customer: String,
    amount: u64,
    refunded: u64,
    currency: &'static str,
    state: &'static str,
}

/// Money that went back.
#[derive(Clone, Serialize)]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) invoice: String,
    pub(super) amount: u64,
    pub(super) currency: String,
    pub(super) reason: String,
}

impl Store {
    pub(super) fn new(customers: u32) -> Self {
        let people = (1..=customers).map(Customer::invented);
        let invoices = (0..customers.saturating_mul(2)).map(Invoice::invented);
        Self {
            customers: people
                .map(|customer| (customer.id.clone(), customer))
                .collect(),
            invoices: invoices
                .map(|invoice| (invoice.id.clone(), invoice))
                .collect(),
            refunds: Vec::new(),
            mails_sent: 0,
        }
    }

    pub(super) fn customers(&self) -> impl Iterator<Item = &Customer> {
        self.customers.values()
    }

    pub(super) fn customer(&self, id: &str) -> Result<&Customer, String> {
        self.customers
            .get(id)
            .ok_or_else(|| format!("There is no customer {id}"))
    }

    /// Changes the fields that `change` names.
    pub(super) fn update(&mut self, id: &str, change: &Value) -> Result<&Customer, String> {
        let customer = self
            .customers
            .get_mut(id)
            .ok_or_else(|| format!("There is no customer {id}"))?;
        let text = |name: &str| change.get(name).and_then(Value::as_str).map(str::to_owned);
        customer.email = text("email").unwrap_or_else(|| customer.email.clone());
        customer.phone = text("phone").unwrap_or_else(|| customer.phone.clone());
        customer.address = text("address").unwrap_or_else(|| customer.address.clone());
        customer.plan = text("plan").unwrap_or_else(|| customer.plan.clone());
        customer.note = text("note").unwrap_or_else(|| customer.note.clone());
        Ok(customer)
    }

    /// Deletes a customer and the invoices; returns how many invoices went with it.
    pub(super) fn delete(&mut self, id: &str) -> Result<usize, String> {
        self.customers
            .remove(id)
            .ok_or_else(|| format!("There is no customer {id}"))?;
        let before = self.invoices.len();
        self.invoices.retain(|_, invoice| invoice.customer != id);
        Ok(before.saturating_sub(self.invoices.len()))
    }

    pub(super) fn invoices(&self, customer: Option<&str>, state: Option<&str>) -> Vec<&Invoice> {
        self.invoices
            .values()
            .filter(|invoice| customer.is_none_or(|id| invoice.customer == id))
            .filter(|invoice| state.is_none_or(|wanted| invoice.state == wanted))
            .collect()
    }

    /// Pays money back.
    pub(super) fn refund(
        &mut self,
        id: &str,
        amount: u64,
        currency: &str,
        reason: &str,
    ) -> Result<Refund, String> {
        let invoice = self
            .invoices
            .get_mut(id)
            .ok_or_else(|| format!("There is no invoice {id}"))?;
        if invoice.currency != currency {
            return Err(format!(
                "{id} is in {}, not in {currency}",
                invoice.currency
            ));
        }
        if invoice.state == "open" {
            return Err(format!("{id} has not been paid"));
        }
        let left = invoice.amount.saturating_sub(invoice.refunded);
        if amount == 0 || amount > left {
            return Err(format!(
                "{id} has {left} cents left to refund, not {amount}"
            ));
        }
        invoice.refunded = invoice.refunded.saturating_add(amount);
        if invoice.refunded == invoice.amount {
            invoice.state = "refunded";
        }
        let refund = Refund {
            id: format!("ref_{:04}", self.refunds.len().saturating_add(1)),
            invoice: id.to_owned(),
            amount,
            currency: currency.to_owned(),
            reason: reason.to_owned(),
        };
        self.refunds.push(refund.clone());
        Ok(refund)
    }

    pub(super) fn refunds(&self) -> &[Refund] {
        &self.refunds
    }

    /// Counts a mail; returns its number.
    pub(super) fn send_mail(&mut self) -> u64 {
        self.mails_sent = self.mails_sent.saturating_add(1);
        self.mails_sent
    }

    pub(super) fn overview(&self) -> Value {
        json!({
            "customers": self.customers.len(),
            "invoices": self.invoices.len(),
            "refunds": self.refunds.len(),
            "mails_sent": self.mails_sent
        })
    }
}

impl Invoice {
    fn invented(index: u32) -> Self {
        let number = FIRST_INVOICE.saturating_add(index);
        let currency = usize::try_from(index / 2).unwrap_or(0) % CURRENCIES.len();
        Self {
            id: format!("inv_{number}"),
            customer: format!("cus_{:04}", index / 2 + 1),
            amount: 4_900 + u64::from(index % 7) * 2_500,
            refunded: 0,
            currency: CURRENCIES.get(currency).copied().unwrap_or("USD"),
            state: if index % 5 == 4 { "open" } else { "paid" },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Store;

    #[test]
    fn an_invoice_is_refunded_once_and_no_more() {
        let mut store = Store::new(2);
        assert!(store.refund("inv_1001", 4_000, "USD", "late").is_ok());
        let refused = store
            .refund("inv_1001", 4_000, "USD", "late")
            .map(|refund| refund.id);
        assert_eq!(
            refused,
            Err("inv_1001 has 900 cents left to refund, not 4000".to_owned())
        );
        assert!(store.refund("inv_1001", 900, "USD", "rest").is_ok());
        assert_eq!(store.invoices(None, Some("refunded")).len(), 1);
        assert_eq!(store.refunds().len(), 2);
    }

    #[test]
    fn a_deleted_customer_takes_the_invoices_along() {
        let mut store = Store::new(3);
        assert_eq!(store.delete("cus_0002"), Ok(2));
        assert!(store.customer("cus_0002").is_err());
        assert!(store.invoices(Some("cus_0002"), None).is_empty());
        assert_eq!(store.invoices(None, None).len(), 4);
    }
}
