//! The verbs whose calls are graver or milder by what arguments say.

use crate::table::Table;

/// Verbs that change what a filter selects.
pub(super) static CHANGING: Table<64> = Table::of(&[(
    1,
    "update set modify replace patch assign tag mark move edit change overwrite rename merge",
)]);

/// Verbs that give access where they are about access.
pub(super) static GIVING: Table<128> = Table::of(&[(
    1,
    "add invite grant share create give set allow assign permit authorize authorise enable attach \
     update change transfer put insert modify edit join enroll delegate onboard upsert post \
     expose make bind connect link register",
)]);

/// Verbs that join what is one's own with what is somebody else's.
pub(super) static CONNECTING: Table<32> = Table::of(&[(
    1,
    "connect federate bridge peer share invite grant extend publish expose",
)]);

/// Verbs that lose something where they are forced.
pub(super) static FORCEFUL: Table<64> = Table::of(&[(
    1,
    "push reset checkout overwrite restore drain stop replace rebase sync detach unmount move \
     rename \
     upload copy reclaim switch pull write update clean cancel failover unpublish \
     remove deregister terminate publish merge",
)]);

/// Verbs that let money go that was only asked for.
pub(super) static APPROVING: Table<64> = Table::of(&[(
    1,
    "approve authorise authorize release commit execute run settle disburse issue confirm \
     finalize \
     finalise process post pay freigeben",
)]);

/// Verbs that put a draft aside.
pub(super) static DRAFTING: Table<64> = Table::of(&[(
    1,
    "save create store draft compose write prepare update edit add put keep stage make new \
     upsert insert modify reply respond",
)]);

/// Verbs that answer somebody.
pub(super) static REPLYING: Table<16> = Table::of(&[(1, "reply respond answer comment note")]);

/// Verbs that take what lies in a folder.
pub(super) static TAKING_TREES: Table<64> = Table::of(&[
    (
        1,
        "pack bundle download copy zip collect sync pull archive dump concat export mirror backup \
         upload",
    ),
    (2, "read load fetch get glob"),
]);

/// Verbs that hand over what they are about.
pub(super) static HANDING_OVER: Table<16> =
    Table::of(&[(1, "deliver share transmit produce export"), (2, "send")]);

/// Verbs that read a table as a whole unless told otherwise.
pub(super) static SCANNING: Table<16> =
    Table::of(&[(1, "scan dump unload crawl walk export extract")]);

/// Verbs that bind whoever trades.
pub(super) static PLACING: Table<16> =
    Table::of(&[(1, "place submit execute bid buy sell trade hedge")]);
