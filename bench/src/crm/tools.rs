//! The CRM's tools: arguments in, result out.
//!
//! A wrong argument or an unknown id is a tool error; an unknown tool is `None`, which the
//! handler makes a protocol error.

use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::{Value, json};

use super::people::Customer;
use super::store::Store;

/// The longest page of `list_customers`.
const PAGE_MAX: u64 = 50;

/// Runs one tool.
pub(super) fn call(store: &mut Store, name: &str, arguments: &Value) -> Option<CallToolResult> {
    let arguments = Arguments(arguments);
    let result = match name {
        "list_customers" => Ok(list(store, &arguments)),
        "get_customer" => arguments
            .text("id")
            .and_then(|id| Ok(structured(store.customer(id)?))),
        "search_customers" => arguments.text("query").map(|query| search(store, query)),
        "update_customer" => arguments
            .text("id")
            .and_then(|id| Ok(structured(store.update(id, arguments.0)?))),
        "delete_customer" => arguments.text("id").and_then(|id| {
            let invoices = store.delete(id)?;
            Ok(said(format!(
                "{id} was deleted, and {invoices} invoices with it"
            )))
        }),
        "export_customers" => Ok(export(store, arguments.optional("format").unwrap_or("csv"))),
        "list_invoices" => {
            let (customer, state) = (arguments.optional("customer"), arguments.optional("state"));
            Ok(structured(
                &json!({"invoices": store.invoices(customer, state)}),
            ))
        }
        "create_refund" => refund(store, &arguments),
        "list_refunds" => Ok(structured(&json!({"refunds": store.refunds()}))),
        "send_email" => mail(store, &arguments),
        _ => return None,
    };
    Some(result.unwrap_or_else(|message| CallToolResult::error(vec![ContentBlock::text(message)])))
}

struct Arguments<'a>(&'a Value);

impl<'a> Arguments<'a> {
    fn optional(&self, name: &str) -> Option<&'a str> {
        self.0.get(name)?.as_str()
    }

    fn text(&self, name: &str) -> Result<&'a str, String> {
        self.optional(name)
            .ok_or_else(|| format!("The argument {name} must be a text"))
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.0.get(name)?.as_u64()
    }
}

fn list(store: &Store, arguments: &Arguments<'_>) -> CallToolResult {
    let after = arguments.optional("after").unwrap_or_default();
    let plan = arguments.optional("plan");
    let limit = arguments.number("limit").unwrap_or(10).clamp(1, PAGE_MAX);
    let page: Vec<Value> = store
        .customers()
        .filter(|customer| customer.id.as_str() > after)
        .filter(|customer| plan.is_none_or(|plan| customer.plan == plan))
        .take(usize::try_from(limit).unwrap_or(10))
        .map(brief)
        .collect();
    structured(&json!({"customers": page}))
}

fn search(store: &Store, query: &str) -> CallToolResult {
    let query = query.to_lowercase();
    let holds = |text: &str| text.to_lowercase().contains(&query);
    let found: Vec<Value> = store
        .customers()
        .filter(|c| holds(&c.name) || holds(&c.email) || holds(&c.phone) || holds(&c.note))
        .map(brief)
        .collect();
    structured(&json!({"customers": found}))
}

fn export(store: &Store, format: &str) -> CallToolResult {
    if format == "json" {
        return said(json!(store.customers().collect::<Vec<_>>()).to_string());
    }
    let mut csv = String::from("id,name,email,phone,country,plan,ssn,iban,card\n");
    for c in store.customers() {
        let (ssn, iban) = (c.ssn.unwrap_or_default(), c.iban.unwrap_or_default());
        csv.push_str(&format!(
            "{},{},{},{},{},{},{ssn},{iban},{}\n",
            c.id, c.name, c.email, c.phone, c.country, c.plan, c.card.number
        ));
    }
    said(csv)
}

fn refund(store: &mut Store, arguments: &Arguments<'_>) -> Result<CallToolResult, String> {
    let amount = arguments.number("amount");
    let amount = amount.ok_or("The argument amount must be a whole number of cents")?;
    let refund = store.refund(
        arguments.text("invoice")?,
        amount,
        arguments.text("currency")?,
        arguments.text("reason")?,
    )?;
    Ok(structured(&refund))
}

fn mail(store: &mut Store, arguments: &Arguments<'_>) -> Result<CallToolResult, String> {
    let (to, subject) = (arguments.text("to")?, arguments.text("subject")?);
    let bytes = arguments.text("body")?.len();
    let number = store.send_mail();
    Ok(said(format!(
        "Mail {number} to {to} was sent: \"{subject}\", {bytes} bytes"
    )))
}

fn brief(customer: &Customer) -> Value {
    json!({
        "id": customer.id,
        "name": customer.name,
        "email": customer.email,
        "plan": customer.plan,
        "country": customer.country
    })
}

fn said(text: impl Into<String>) -> CallToolResult {
    CallToolResult::success(vec![ContentBlock::text(text)])
}

fn structured<T: serde::Serialize>(value: &T) -> CallToolResult {
    CallToolResult::structured(json!(value))
}
