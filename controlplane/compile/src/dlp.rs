//! What is looked for in payloads and what follows: actions by class, by entity, by exception, and
//! the operator's own patterns.
//!
//! Of what is said about a finding, an exception goes before an entity, an entity before the parent
//! that it belongs to, and that before its class. Which of several exceptions decides stands in
//! `varistor_inspect::actions`. Refuses names that do not exist.

mod custom;
mod exceptions;
mod placeholders;
mod rules;

use varistor_inspect::dlp::{CatalogueError, Settings, compile};
use varistor_model::{Class, DlpAction};
use varistor_snapshot::schema::{Actions, Detector, Dlp};

use self::custom::{Own, custom_list};
use self::exceptions::{Scope, Stated, exceptions};
use self::placeholders::Reversible;
pub(crate) use self::rules::class_of;
use self::rules::{Names, Rules};
use crate::gather::Sources;
use crate::patterns::Servers;
use crate::problem::{Report, Wrong};
use crate::read::{Fields, number, word};
use crate::tenants::Tenants;

const KEYS: &[&str] = &[
    "request",
    "response",
    "entities",
    "min_confidence",
    "keep",
    "structured",
    "placeholders",
    "exceptions",
    "custom",
];
/// How sure a finding must be to be acted upon when the policy says nothing, in percent.
const CONFIDENCE_MIN: u8 = 60;
/// What placeholders may tell, in the numbers of `Actions::keep`.
const KEEP: [(&str, u8); 3] = [("none", 0), ("length", 1), ("hash", 2)];
/// What stands where a placeholder is not valid, in the numbers of `Actions::structured`.
const STRUCTURED: [(&str, u8); 3] = [("value", 0), ("drop", 1), ("error", 2)];

/// What a policy says under `dlp`.
pub(crate) struct Stating {
    rules: Rules,
    exceptions: Vec<Stated>,
    customs: Vec<Own>,
    confidence_min: u8,
    keep: u8,
    structured: u8,
    placeholders: Reversible,
}

impl Stating {
    pub(crate) fn of(
        sources: &Sources<'_>,
        (servers, tenants): (&Servers, &Tenants),
        report: &mut Report,
    ) -> Self {
        let mut stating = Self {
            rules: Rules::default(),
            exceptions: Vec::new(),
            customs: Vec::new(),
            confidence_min: CONFIDENCE_MIN,
            keep: 0,
            structured: 0,
            placeholders: Reversible::default(),
        };
        let Some(node) = sources.setting("dlp") else {
            return stating;
        };
        let fields = Fields::of(node, "dlp", KEYS, report);
        for (at, key) in rules::DIRECTIONS.iter().enumerate() {
            if let Some(node) = fields.get(key) {
                stating
                    .rules
                    .of_classes(at, node, &fields.path(key), report);
            }
        }
        if let Some(node) = fields.get("min_confidence") {
            let percent = number(node, &fields.path("min_confidence"), 0..=100, report);
            let percent = percent.and_then(|percent| u8::try_from(percent).ok());
            stating.confidence_min = percent.unwrap_or(CONFIDENCE_MIN);
        }
        if let Some(node) = fields.get("keep") {
            stating.keep = word(node, &fields.path("keep"), &KEEP, report).unwrap_or(0);
        }
        if let Some(node) = fields.get("structured") {
            let path = fields.path("structured");
            stating.structured = word(node, &path, &STRUCTURED, report).unwrap_or(0);
        }
        if let Some(node) = fields.get("custom") {
            stating.customs = custom_list(node, &fields.path("custom"), report);
        }
        for own in &stating.customs {
            own.check(stating.confidence_min, report);
        }
        let names = Names::new(&stating.customs);
        if let Some(node) = fields.get("entities") {
            let path = fields.path("entities");
            stating.rules.of_entities(node, &path, &names, report);
        }
        if let Some(node) = fields.get("exceptions") {
            let scope = Scope {
                names: &names,
                servers,
                tenants,
            };
            stating.exceptions = exceptions(node, &fields.path("exceptions"), scope, report);
        }
        if let Some(node) = fields.get("placeholders") {
            let path = fields.path("placeholders");
            stating.placeholders = Reversible::of(node, &path, (&names, servers), report);
        }
        stating
    }

    /// Every name by which rules may speak of entities: those of the catalogue, their parents, the
    /// operator's own.
    pub(crate) fn names(&self) -> Vec<String> {
        let names = Names::new(&self.customs);
        let mut all: Vec<String> = names.every().map(str::to_owned).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// `Policy::dlp` and `Policy::actions`. What rules name, `ruled`, is looked for as well.
    pub(crate) fn rows(
        &self,
        sources: &Sources<'_>,
        ruled: &[&str],
        report: &mut Report,
    ) -> (Dlp, Actions) {
        let mut dlp = self.compile(sources, ruled, report);
        for detector in &mut dlp.detectors {
            let mut customs = self.customs.iter();
            if let Some(own) = customs.find(|own| own.name() == detector.entity) {
                own.complete(detector);
            }
        }
        let actions = self.actions(&dlp.detectors);
        self.mark(&mut dlp.detectors, &actions, ruled);
        (dlp, actions)
    }

    /// The detectors of all that anybody wants to know of.
    fn compile(&self, sources: &Sources<'_>, ruled: &[&str], report: &mut Report) -> Dlp {
        let mut wanted = [DlpAction::Allow; 3];
        // Of a policy that is refused anyway, only the operator's own patterns are looked at.
        let is_clean = report.is_clean();
        for class in Class::ALL.into_iter().filter(|_| is_clean) {
            let by_exception = self.exceptions.iter().any(|stated| stated.wants(class));
            let by_rule = ruled.iter().any(|name| rules::is_of(name, class));
            if let (true, Some(entry)) = (
                by_exception || by_rule || self.rules.wants(class),
                wanted.get_mut(class as usize),
            ) {
                *entry = DlpAction::Log;
            }
        }
        let [request, response] = self.rules.classes.map(|classes| classes.map(|a| a as u8));
        let rows: Vec<_> = self.customs.iter().map(Own::row).collect();
        let excepted = self.exceptions.iter().flat_map(Stated::entities);
        let ruled = ruled.iter().copied();
        let named = self.rules.entities().chain(excepted).chain(ruled);
        let named: Vec<_> = named.filter(|_| is_clean).collect();
        let compiled = compile(&Settings {
            request: wanted,
            response: wanted,
            wanted: &named,
            custom: &rows,
        });
        match compiled {
            Ok(dlp) => {
                return Dlp {
                    request,
                    response,
                    // Who is cleared for one class is not for another.
                    covers: self.exceptions.is_empty() && self.placeholders.is_empty(),
                    ..dlp
                };
            }
            Err(CatalogueError::Custom(problems)) => {
                for problem in problems {
                    if let Some(own) = self.customs.get(problem.index) {
                        own.refuse(&problem, report);
                    }
                }
            }
            Err(CatalogueError::Database(message)) => {
                let place = sources.setting("dlp").map(|node| node.place);
                let place = place.unwrap_or_else(|| report.file("dlp"));
                let wrong = Wrong::expected("patterns that the scanner can compile together");
                report.refuse(
                    place,
                    format!("the patterns of dlp.custom ({message})"),
                    wrong,
                );
            }
        }
        Dlp {
            request,
            response,
            database: Vec::new(),
            run_database: Vec::new(),
            detectors: Vec::new(),
            lexicon: Vec::new(),
            covers: false,
        }
    }

    fn actions(&self, detectors: &[Detector]) -> Actions {
        let rows = detectors.iter().map(|detector| {
            let mut actions = self.rules.of(detector);
            let own = self
                .customs
                .iter()
                .find(|own| own.name() == detector.entity);
            if let Some(own) = own {
                for (action, stated) in actions.iter_mut().zip(own.actions()) {
                    *action = stated.unwrap_or(*action);
                }
            }
            actions.map(|action| action as u8)
        });
        Actions {
            detectors: rows.collect(),
            confidence_min: self.confidence_min,
            keep: self.keep,
            structured: self.structured,
            exceptions: self
                .exceptions
                .iter()
                .map(|stated| stated.row(detectors))
                .collect(),
            placeholders: self.placeholders.rows(detectors),
        }
    }

    /// Gives the detectors that a rule speaks about by themselves their strictest action.
    fn mark(&self, detectors: &mut [Detector], actions: &Actions, ruled: &[&str]) {
        let numbered = (0..=u16::MAX).zip(detectors).zip(&actions.detectors);
        for ((number, detector), base) in numbered {
            let covering = actions.exceptions.iter().filter(|row| {
                let mut covers = row.covers.iter();
                covers.any(|cover| cover.detector == number && cover.special >= 2)
            });
            let excepted = covering.map(|row| row.action).max();
            let names = [&detector.entity, &detector.parent];
            let is_named = names
                .iter()
                .any(|name| self.rules.named(name).is_some() || ruled.contains(&name.as_str()));
            let is_named = is_named || detector.action.is_some();
            detector.action = match is_named {
                true => base.iter().copied().chain(excepted).max(),
                false => excepted.map(|action| base.iter().copied().fold(action, u8::max)),
            };
        }
    }
}
