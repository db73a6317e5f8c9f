//! What is wrong with a row, in both languages.

use crate::{catalogue::problems, problem::Text};
use imports::Reason;

/// The words for a reason.
pub(super) fn of(reason: &Reason) -> Text {
    match reason {
        Reason::Rule(rule) => {
            let (en, zh) = problems::words(*rule);
            Text::new(en, zh)
        }
        Reason::Required => Text::new("must not be empty here", "此处不能为空"),
        Reason::Unreadable => Text::new("cannot be understood; see the template", "无法识别，请参照模板填写"),
        Reason::TooFine => {
            Text::new("has more digits behind the point than the currency", "小数位数超过该币种允许的位数")
        }
        Reason::SkuTwice(row) => Text::new(format!("row {row} has the same SKU"), format!("与第 {row} 行的 SKU 重复")),
        Reason::SkuTaken => Text::new("another product has this SKU", "该 SKU 已被其他商品使用"),
        Reason::SlugTaken => Text::new(
            "another product has its name in addresses; give it another title",
            "商品网址名称与其他商品重复，请修改商品名称",
        ),
        Reason::UnknownCategory => Text::new("make this category first", "没有此分类，请先创建"),
        Reason::SeveralProducts => Text::new(
            "the rows belong to different products; give them different texts in this column",
            "这些行属于不同商品，请在此列填写不同的内容",
        ),
        Reason::TooManyVariants => Text::new("a product has at most 200 rows", "一个商品最多 200 行"),
        Reason::AnotherRow => Text::new("another row of this product is wrong", "同一商品的其他行有错误"),
        Reason::Archived => Text::new("the product is archived; use another SKU", "该商品已归档，请使用其他 SKU"),
        Reason::ProductLimit(maximum) => Text::new(
            format!("your plan allows {maximum} products; choose a larger plan"),
            format!("您的套餐最多允许 {maximum} 个商品，请升级套餐"),
        ),
        Reason::ChangeWaits => Text::new(
            "a change of this product waits; publish or discard it first",
            "该商品有尚未发布的修改，请先发布或放弃",
        ),
        Reason::ChangedMeanwhile => {
            Text::new("the product was changed at the same time; import again", "商品同时被修改，请重新导入")
        }
    }
}
