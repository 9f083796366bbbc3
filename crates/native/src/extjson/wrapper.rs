//! The names of extended JSON's wrappers, and which key is one.

/// The keys that say that a document wraps a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrapper {
    Binary,
    Code,
    Date,
    DbPointer,
    MaxKey,
    MinKey,
    NumberDecimal,
    NumberDouble,
    NumberInt,
    NumberLong,
    Oid,
    Ref,
    Regex,
    RegularExpression,
    Symbol,
    Timestamp,
    Undefined,
    Uuid,
}

impl Wrapper {
    /// The wrapper of this key.
    pub fn named(key: &str) -> Option<Self> {
        Some(match key.strip_prefix('$')? {
            "binary" => Self::Binary,
            "code" => Self::Code,
            "date" => Self::Date,
            "dbPointer" => Self::DbPointer,
            "maxKey" => Self::MaxKey,
            "minKey" => Self::MinKey,
            "numberDecimal" => Self::NumberDecimal,
            "numberDouble" => Self::NumberDouble,
            "numberInt" => Self::NumberInt,
            "numberLong" => Self::NumberLong,
            "oid" => Self::Oid,
            "ref" => Self::Ref,
            "regex" => Self::Regex,
            "regularExpression" => Self::RegularExpression,
            "symbol" => Self::Symbol,
            "timestamp" => Self::Timestamp,
            "undefined" => Self::Undefined,
            "uuid" => Self::Uuid,
            _ => return None,
        })
    }

    /// The key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Binary => "$binary",
            Self::Code => "$code",
            Self::Date => "$date",
            Self::DbPointer => "$dbPointer",
            Self::MaxKey => "$maxKey",
            Self::MinKey => "$minKey",
            Self::NumberDecimal => "$numberDecimal",
            Self::NumberDouble => "$numberDouble",
            Self::NumberInt => "$numberInt",
            Self::NumberLong => "$numberLong",
            Self::Oid => "$oid",
            Self::Ref => "$ref",
            Self::Regex => "$regex",
            Self::RegularExpression => "$regularExpression",
            Self::Symbol => "$symbol",
            Self::Timestamp => "$timestamp",
            Self::Undefined => "$undefined",
            Self::Uuid => "$uuid",
        }
    }
}
