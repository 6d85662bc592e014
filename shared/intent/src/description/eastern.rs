//! Descriptions in Chinese, Japanese and Korean, which part no words or bend them at their ends.
//!
//! Refuses what stands behind the first sentence, and a deed that is only named before another.

use crate::lexicon::{Verb, about};

/// Words in front of a verb of Chinese that say how it is done.
const MANNERS: [&str; 6] = ["永久", "批量", "立即", "彻底", "强制", "一键"];

/// Words for people.
const PERSONS: [&str; 19] = [
    "客户",
    "用户",
    "员工",
    "会员",
    "患者",
    "顧客",
    "個人情報",
    "社員",
    "会員",
    "利用者",
    "住民",
    "得意先",
    "従業員",
    "生徒",
    "고객",
    "회원",
    "직원",
    "환자",
    "개인정보",
];

/// Words for those who are no part of the organisation, and for everybody.
const OUTSIDERS: [&str; 12] = [
    "外部",
    "第三者",
    "他社",
    "業者",
    "第三方",
    "合作伙伴",
    "公开",
    "公開",
    "外部の",
    "외부",
    "제삼자",
    "제휴사",
];

/// Deeds by what they are, as they stand in a sentence.
const DEEDS: &[(Verb, &[&str])] = &[
    (
        Verb::Delete,
        &[
            "删除", "清空", "销毁", "刪除", "清除", "卸载", "终止", "抹除", "注销", "作废", "削除",
            "解約", "抹消", "破棄", "廃棄", "消去", "解除", "삭제", "해지", "폐기", "말소",
        ],
    ),
    (
        Verb::Read,
        &[
            "查询", "获取", "列出", "查看", "搜索", "检索", "查詢", "返回", "统计", "读取", "照会",
            "参照", "表示", "検索", "一覧", "取得", "確認", "閲覧", "集計", "조회", "검색", "목록",
            "확인", "열람",
        ],
    ),
    (
        Verb::Write,
        &[
            "创建",
            "新建",
            "更新",
            "修改",
            "添加",
            "发送",
            "上传",
            "设置",
            "提交",
            "保存",
            "新增",
            "取消",
            "登録",
            "作成",
            "変更",
            "追加",
            "送信",
            "予約",
            "修正",
            "編集",
            "発注",
            "取り消",
            "등록",
            "추가",
            "수정",
            "변경",
            "생성",
            "예약",
            "취소",
            "전송",
        ],
    ),
    (
        Verb::Pay,
        &[
            "支付", "付款", "转账", "退款", "支払", "振込", "送金", "返金", "결제", "송금", "환불",
        ],
    ),
    (
        Verb::Share,
        &[
            "共享", "分享", "共有", "提供", "公開", "公开", "공유", "공개", "제공",
        ],
    ),
    (
        Verb::Export,
        &[
            "导出",
            "匯出",
            "下载",
            "出力",
            "エクスポート",
            "ダウンロード",
            "抽出",
            "내보내",
            "내보냅",
            "추출",
            "다운로드",
        ],
    ),
];

/// What a text says in one of these languages, and what that is about.
pub(super) fn eastern(text: &str) -> Option<(Verb, u64)> {
    if text.is_ascii() {
        return None;
    }
    let text = text.trim_start();
    let stripped = MANNERS.iter().find_map(|front| text.strip_prefix(front));
    let text = stripped.unwrap_or(text);
    let sentence = text.split(['。', '.', '．', '\n']).next().unwrap_or(text);
    let begins = |verbs: &&[&str]| verbs.iter().any(|verb| sentence.starts_with(verb));
    let front = DEEDS.iter().find(|(_, verbs)| begins(verbs));
    // A verb that bends stands at the end of its sentence.
    let is_bent = sentence.ends_with(['す', 'る', '다', 'ん', '요', 'た']);
    let last = |verbs: &[&str]| verbs.iter().filter_map(|verb| sentence.rfind(verb)).max();
    let end = || {
        let found = DEEDS
            .iter()
            .filter_map(|(verb, words)| Some((last(words)?, *verb)));
        found.max_by_key(|(at, _)| *at).map(|(_, verb)| verb)
    };
    let verb = match front {
        Some((verb, _)) => *verb,
        None if is_bent => end()?,
        None => return None,
    };
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let is_of_people = has(&PERSONS) && !has(&["不含", "汇总", "数量", "件数", "除く"]);
    let mut subjects = 0;
    if is_of_people && matches!(verb, Verb::Export | Verb::Share) {
        subjects |= about::PEOPLE;
    }
    if verb == Verb::Share && has(&OUTSIDERS) {
        subjects |= about::PUBLIC;
    }
    Some((verb, subjects))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verb_of_a_sentence_is_found_at_its_front_or_end() {
        for (text, expected) in [
            ("删除客户", Some((Verb::Delete, 0))),
            ("会員情報を検索します。", Some((Verb::Read, 0))),
            ("予約を変更する", Some((Verb::Write, 0))),
            (
                "口座を解約します。元に戻せません。",
                Some((Verb::Delete, 0)),
            ),
            (
                "全社員の名簿を出力します。",
                Some((Verb::Export, about::PEOPLE)),
            ),
            (
                "名簿を外部の業者に提供します。",
                Some((Verb::Share, about::PUBLIC)),
            ),
            ("주문을 삭제합니다", Some((Verb::Delete, 0))),
            ("帳票", None),
            ("plain", None),
        ] {
            assert_eq!(eastern(text), expected, "{text}");
        }
    }
}
