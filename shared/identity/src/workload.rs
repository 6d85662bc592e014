//! Whose a call is by its client's certificate alone.

use varistor_token::{Bound, Outside, Verified};

use crate::certificate::{Certificate, SpiffeId};
use crate::claims::{cut, id};
use crate::owner::of_person;

impl SpiffeId {
    /// Its trust domain as an issuer.
    #[must_use]
    pub fn issuer(&self) -> String {
        format!("spiffe://{}", self.domain)
    }
}

impl Certificate {
    /// Who presents it, when policy maps its workload to this agent of this organisation. What is
    /// bound to a token is bound to the workload, which gets another certificate every hour.
    #[must_use]
    pub fn verified(&self, (organisation, agent): (&str, &str)) -> Option<Verified> {
        let workload = self.workload.as_ref()?;
        let issuer = workload.issuer();
        let holder = id(&["workload", &workload.domain, &workload.path]);
        let key = self.thumbprint.first_chunk().copied().unwrap_or_default();
        Some(Verified {
            ids: vec![holder, id(&["certificate", self.carried()])],
            organisation: organisation.to_owned(),
            team: None,
            agent: agent.to_owned(),
            roles: Vec::new(),
            scopes: Vec::new(),
            expires_unix_s: self.ends_unix_s,
            limits: Vec::new(),
            outside: Some(Outside {
                person: Some(of_person(&issuer, &workload.path)),
                issuer,
                subject: cut(&workload.path).to_owned(),
                key,
                has_all_roles: true,
                bound: Bound::default(),
            }),
        })
    }
}
