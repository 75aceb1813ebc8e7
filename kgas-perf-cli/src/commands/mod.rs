//! The commands, one file each.

pub(crate) mod baseline;
pub(crate) mod catalog;
pub(crate) mod compare;
pub(crate) mod doctor;
pub(crate) mod replay;
