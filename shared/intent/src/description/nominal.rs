//! Descriptions that name what is handed back instead of saying what is done.
//!
//! Refuses a sentence that an unknown verb leads: it may do anything.

use super::{BEHIND, NAMED, PREPOSITION, is_join, is_named};
use varistor_model::Intent;

use crate::lexicon::{self, Verb, about};
use crate::table::{Table, hash};
use crate::verdict;
use crate::words::Word;

/// What a sentence says that asks, or begins with nouns that are joined.
pub(super) fn outright(sentence: &[Word]) -> Option<(Intent, u8)> {
    let first = sentence.first()?;
    if ASKING.find(first.hash) != 0 {
        Some((Intent::Read, 70))
    } else if is_coordinated(sentence) {
        Some((Intent::Read, 65))
    } else {
        None
    }
}

/// What the first noun of a sentence is about; a question only tells.
pub(super) fn first(sentence: &[Word]) -> u64 {
    let articles = [hash(b"the"), hash(b"a"), hash(b"an")];
    let noun = sentence.iter().find(|word| !articles.contains(&word.hash));
    noun.map_or(0, |word| match ASKING.find(word.hash) {
        0 => lexicon::subjects(&word.forms()),
        _ => about::TELLING,
    })
}

/// What a sentence about these subjects says that no verb leads.
pub(super) fn without_verb(sentence: &[Word], subjects: u64) -> Option<(Intent, u8)> {
    if let Some(verb) = noun_of_deed(sentence) {
        return verdict::of(verb, subjects).map(|(intent, _)| (intent, 55));
    }
    if !is_nominal(sentence) {
        return None;
    }
    let is_whole = sentence.iter().any(|word| WHOLLY.find(word.hash) != 0);
    let mut front = sentence.iter().take(4);
    let is_taken = front.any(|word| TAKEN.find(word.hash) != 0)
        && subjects & (about::PRIVATE | about::SENSITIVE | about::CREDENTIAL) != 0;
    Some(if is_whole && (subjects & about::PEOPLE != 0 || is_taken) {
        (Intent::Exfiltrative, 65)
    } else {
        (Intent::Read, 65)
    })
}

/// Nouns of what was taken out of something.
static TAKEN: Table<16> = Table::of(&[(1, "extract export dump takeout archive backup copy")]);

/// Words that ask what is handed back: `Whether a record has changed`.
static ASKING: Table<32> =
    Table::of(&[(1, "when whether who whose what which how where why ob wer")]);

/// Whether it begins with nouns that are joined: `Start, end and rent of a lease`.
fn is_coordinated(sentence: &[Word]) -> bool {
    let is_of = |word: &&Word| BEHIND.find(word.hash) != 0;
    let Some(end) = sentence.iter().position(|word| is_of(&word)) else {
        return false;
    };
    let items = sentence.get(..end).unwrap_or_default();
    let is_item = |pair: &[Word]| match pair {
        [one, other] => other.before == b',' || is_join(one) || is_join(other),
        _ => false,
    };
    items.len() >= 3 && items.windows(2).all(is_item)
}

/// Whether an unknown word leads that takes an object: `Curtails the output`.
pub(super) fn is_unknown_deed(sentence: &[Word]) -> bool {
    let [first, second, ..] = sentence else {
        return false;
    };
    let articles = [hash(b"the"), hash(b"a"), hash(b"an")];
    PREPOSITION.find(first.hash) == 0
        && !articles.contains(&first.hash)
        && articles.contains(&second.hash)
}

/// The verb whose noun a sentence is about: `Reset of the modem`.
fn noun_of_deed(sentence: &[Word]) -> Option<Verb> {
    let at = sentence
        .iter()
        .take(5)
        .position(|word| word.hash == hash(b"of"))?;
    let noun = sentence.get(at.checked_sub(1)?)?;
    let verb = lexicon::verb(&[noun.hash])?.verb;
    matches!(
        verb,
        Verb::Clear | Verb::Delete | Verb::Remove | Verb::Disable
    )
    .then_some(verb)
}

/// Whether a sentence without a verb names what is handed back: `The price of a share`.
fn is_nominal(sentence: &[Word]) -> bool {
    let [first, behind @ ..] = sentence else {
        return false;
    };
    let is_article = [hash(b"the"), hash(b"a"), hash(b"an")].contains(&first.hash);
    let mut near = behind.iter().take(5);
    let is_noun = near.any(|word| PREPOSITION.find(word.hash) != 0);
    let is_told = sentence
        .iter()
        .take(4)
        .any(|word| NAMED.find(word.hash) != 0);
    (is_article || is_noun || is_told)
        && !is_unknown_deed(sentence)
        && !lexicon::verb(&first.forms()).is_some_and(|known| known.verb == Verb::Generic)
        && sentence.iter().enumerate().all(|(at, word)| {
            let next = sentence.get(at.saturating_add(1));
            !is_deed(word) || is_named(word, next)
        })
}

/// Whether a word may be a deed.
fn is_deed(word: &Word) -> bool {
    let known = lexicon::verb(&word.forms());
    known.is_some_and(|known| !matches!(known.verb, Verb::Read | Verb::Generic) && !known.is_noun)
}

/// Words for everything of a kind.
static WHOLLY: Table<32> = Table::of(&[(
    1,
    "full whole entire complete every all each alle aller tous todos tutti",
)]);

/// Words in front of a verb of Chinese that say how it is done.
const MANNERS: [&str; 6] = ["永久", "批量", "立即", "彻底", "强制", "一键"];

/// Words of Chinese for people.
const PERSONS: [&str; 5] = ["客户", "用户", "员工", "会员", "患者"];

/// What a text says that begins with a verb of Chinese or Japanese, which parts no words, and what
/// that is about.
pub(super) fn eastern(text: &str) -> Option<(Verb, u64)> {
    if text.is_ascii() {
        return None;
    }
    let text = text.trim_start();
    let stripped = MANNERS.iter().find_map(|front| text.strip_prefix(front));
    let text = stripped.unwrap_or(text);
    let begins = |verbs: &[&str]| verbs.iter().any(|verb| text.starts_with(verb));
    let verb = if begins(&[
        "删除", "清空", "销毁", "刪除", "清除", "卸载", "终止", "抹除",
    ]) {
        Verb::Delete
    } else if begins(&[
        "查询", "获取", "列出", "查看", "搜索", "检索", "查詢", "返回", "统计", "读取",
    ]) {
        Verb::Read
    } else if begins(&[
        "创建", "新建", "更新", "修改", "添加", "发送", "上传", "设置", "提交", "保存",
    ]) {
        Verb::Write
    } else if begins(&["导出", "匯出", "下载"]) {
        Verb::Export
    } else {
        return None;
    };
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let is_of_people = verb == Verb::Export && has(&PERSONS) && !has(&["不含", "汇总", "数量"]);
    Some((verb, if is_of_people { about::PEOPLE } else { 0 }))
}
