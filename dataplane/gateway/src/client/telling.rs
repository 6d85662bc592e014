//! Hands the notices about a request over, once its record has a number.

use varistor_model::NoticeKind;
use varistor_pipeline::order::Notes;

use crate::worker::{View, Worker};

/// Tells people of the request, if anybody wants to know. Never waits.
pub(super) fn tell(worker: &Worker, view: &View, notes: &Notes, record: Option<u64>) {
    for notice in &notes.notices {
        let mut notice = Box::new(notice.clone());
        notice.record = record;
        let waits = notes.waits().filter(|_| notice.kind == NoticeKind::Held);
        if let Some(waits) = waits {
            notice.approval = waits.id.to_string();
            if let Some(page) = view.local.policy().approvals.page.as_ref() {
                notice.url = format!("{page}/approvals/{}", waits.id);
            }
        }
        worker.hub.notices.push(notice);
    }
}
