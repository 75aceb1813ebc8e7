//! The commands, one file each.

pub(crate) mod baseline;
pub(crate) mod catalog;
pub(crate) mod compare;
pub(crate) mod doctor;
pub(crate) mod export;
pub(crate) mod load;
pub(crate) mod merge;
pub(crate) mod replay;
pub(crate) mod store;
