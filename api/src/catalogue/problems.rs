//! Problem types of the catalogue, and the words for what is wrong with a product.

use crate::problem::{FieldError, Problem, edge, problems};
use catalogue::{EditError, Fault, Rule, WriteProductError};

problems! { "catalogue";
    PRODUCT_ARCHIVED 409 "product_archived" {
        en: "The product is archived", "Write a new product; an archived one stays as it is.";
        zh: "该商品已归档", "请新建商品；已归档的商品不能再修改。";
    }
    PRODUCT_CHANGE_WAITS 409 "product_change_waits" {
        en: "A change of this waits to be published", "Publish it or discard it, or write this as a change too (`as=change`).";
        zh: "该内容有尚未发布的修改", "请先发布或放弃该修改，或同样以修改方式提交（`as=change`）。";
    }
    PRODUCT_RESERVED 409 "product_reserved" {
        en: "Units of the product are promised to orders", "Wait until those orders are paid, cancelled or expired.";
        zh: "该商品有库存已被订单预留", "请等待相关订单付款、取消或过期。";
    }
    PRODUCT_WITHOUT_VARIANTS 409 "product_without_variants" {
        en: "The product has nothing to sell", "Add at least one variant with a price.";
        zh: "该商品没有可售规格", "请至少添加一个带价格的规格。";
    }
    SKU_TAKEN 409 "sku_taken" {
        en: "Another product has a variant with this SKU", "Choose another SKU, or change that product.";
        zh: "该 SKU 已被其他商品使用", "请更换 SKU，或修改原有商品。";
    }
    PRODUCT_SLUG_TAKEN 409 "product_slug_taken" {
        en: "Another product has or had this name in addresses", "Choose another one; old ones still lead to their product.";
        zh: "该网址名称已被其他商品使用或曾使用", "请更换名称；旧名称仍指向原商品。";
    }
    PRODUCT_LIMIT_REACHED 409 "product_limit_reached" {
        en: "The plan allows no more products", "Archive products that are no longer sold, or choose a larger plan.";
        zh: "已达到套餐的商品数量上限", "请归档不再销售的商品，或升级套餐。";
    }
    NAME_TAKEN 409 "name_taken" {
        en: "Your firm has one of this name", "Choose another name, or change that one.";
        zh: "您的企业已有同名对象", "请更换名称，或修改已有的对象。";
    }
    IN_USE 409 "in_use" {
        en: "Other things need it", "Change or delete those that `used_by` names first.";
        zh: "仍被其他对象使用", "请先修改或删除 `used_by` 中列出的对象。";
    }
    TOO_MANY 409 "too_many" {
        en: "There may be no more of these", "Delete some that are not needed any more.";
        zh: "数量已达上限", "请删除不再需要的对象。";
    }
    INSUFFICIENT_STOCK 409 "insufficient_stock" {
        en: "Fewer units would be left than are promised", "Take away at most what is neither sold nor reserved.";
        zh: "调整后的库存将少于已预留数量", "最多只能减少未售出且未预留的数量。";
    }
}

impl From<WriteProductError> for Problem {
    fn from(error: WriteProductError) -> Self {
        match error {
            WriteProductError::NotFound => edge::NOT_FOUND.into(),
            WriteProductError::Stale { current } => edge::PRECONDITION_FAILED.with("current_version", current),
            WriteProductError::Archived => PRODUCT_ARCHIVED.into(),
            WriteProductError::ChangeWaits => PRODUCT_CHANGE_WAITS.into(),
            WriteProductError::Invalid(faults) => invalid(faults),
            WriteProductError::SkuTaken => SKU_TAKEN.into(),
            WriteProductError::SlugTaken { slug } => PRODUCT_SLUG_TAKEN.with("slug", slug),
            WriteProductError::Reserved { sku } => PRODUCT_RESERVED.with("sku", sku),
            WriteProductError::NothingToSell => PRODUCT_WITHOUT_VARIANTS.into(),
            WriteProductError::LimitReached { maximum, used } => {
                PRODUCT_LIMIT_REACHED.with("maximum", maximum).with("used", used)
            }
            WriteProductError::Db(error) => error.into(),
        }
    }
}

impl From<EditError> for Problem {
    fn from(error: EditError) -> Self {
        match error {
            EditError::NotFound => edge::NOT_FOUND.into(),
            EditError::Stale { current } => edge::PRECONDITION_FAILED.with("current_version", current),
            EditError::Invalid(faults) => invalid(faults),
            EditError::NameTaken => NAME_TAKEN.into(),
            EditError::InUse { by } => IN_USE.with("used_by", by),
            EditError::TooMany { maximum } => TOO_MANY.with("maximum", maximum),
            EditError::Db(error) => error.into(),
        }
    }
}

/// 422 with every fault.
pub(super) fn invalid(faults: Vec<Fault>) -> Problem {
    faults.into_iter().map(field_error).fold(Problem::new(edge::VALIDATION_FAILED), Problem::error)
}

fn field_error(fault: Fault) -> FieldError {
    let (en, zh) = words(fault.rule);
    FieldError::new(fault.pointer, fault.rule.code(), en, zh)
}

/// What a value must be, in English and Chinese.
pub(crate) fn words(rule: Rule) -> (String, String) {
    let fixed = |en: &str, zh: &str| (en.to_owned(), zh.to_owned());
    match rule {
        Rule::AtLeastChars(least) => (format!("at least {least} characters"), format!("至少 {least} 个字符")),
        Rule::AtMostChars(most) => (format!("at most {most} characters"), format!("最多 {most} 个字符")),
        Rule::AtMostBytes(most) => (format!("at most {most} bytes"), format!("最多 {most} 字节")),
        Rule::AtMostDeep(most) => (format!("nested at most {most} deep"), format!("嵌套不超过 {most} 层")),
        Rule::AtMostEntries(most) => (format!("at most {most} entries"), format!("最多 {most} 项")),
        Rule::Between(least, most) => (format!("must be {least} to {most}"), format!("必须为 {least} 到 {most}")),
        Rule::MultipleOf(step) => (format!("must be a multiple of {step}"), format!("必须是 {step} 的倍数")),
        Rule::NoControlCharacters => fixed("must not contain control characters", "不能包含控制字符"),
        Rule::NoSurroundingSpace => fixed("must not begin or end with a space", "首尾不能有空格"),
        Rule::NotZero => fixed("must not be zero", "不能为零"),
        Rule::Once => fixed("must be named once only", "不能重复"),
        Rule::OneCurrency => fixed("must be the same for all variants", "所有规格必须使用同一币种"),
        Rule::CheckDigit => fixed(
            "must be 8, 12, 13 or 14 digits with a right check digit",
            "必须为 8、12、13 或 14 位数字且校验位正确",
        ),
        Rule::RisingQuantity => fixed("must be more than on the rung before", "必须大于上一阶梯的数量"),
        Rule::NotRisingPrice => fixed("must not be more than on the rung before", "不能高于上一阶梯的价格"),
        Rule::NotEmpty => fixed("must not be empty", "不能为空"),
        Rule::OnePointOfTheMatrix => {
            fixed("must name one value of each of the product's options", "必须为商品的每个选项各取一个值")
        }
        Rule::NotWithGroup => fixed("must not stand beside a group", "不能与客户分组同时指定"),
        Rule::LaterThanBeginning => fixed("must be later than the beginning", "必须晚于开始时间"),
        Rule::AtLeastMinimum => fixed("must be at least the least quantity", "不能小于最小起订量"),
        Rule::Digits(least, most) => {
            (format!("must be {least} to {most} digits"), format!("必须为 {least} 到 {most} 位数字"))
        }
        Rule::CountryCode => fixed("must be two capital letters (ISO 3166)", "必须为两位大写国家代码（ISO 3166）"),
        Rule::OfKind(kind) => (format!("must be of the kind {kind}"), format!("类型必须为 {kind}")),
        Rule::Required => fixed("is required by the product's category", "该商品类目要求必填"),
        Rule::ForNumbers => fixed("is for numbers only", "仅适用于数值属性"),
        Rule::ForEnums => {
            fixed("must be given for an enum, and for nothing else", "枚举属性必须提供，其他属性不可提供")
        }
        Rule::NotInItself => fixed("must not lie in itself", "不能位于自身之下"),
        Rule::AnotherLocation => fixed("must be another location", "必须是另一个库位"),
        Rule::InTheFuture => fixed("must lie in the future", "必须晚于当前时间"),
        Rule::Slug(most) => (
            format!("must be small letters, figures and single hyphens, at most {most}"),
            format!("只能包含小写字母、数字和单个连字符，最多 {most} 个字符"),
        ),
        Rule::AmongMedia => fixed("must be one of the product's media", "必须是该商品的媒体文件之一"),
        Rule::Own => fixed("there is no such thing in your firm", "在您的企业中不存在"),
    }
}
