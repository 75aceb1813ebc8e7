//! `sound!`: what is read back is checked, since what wrote it may have been damaged or another.

/// Implements serde's traits by those that are derived with `#[serde(remote = "Self")]`, and
/// refuses what its `is_sound` refuses.
macro_rules! sound {
    ($name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                Self::serialize(self, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let read = Self::deserialize(deserializer)?;
                if read.is_sound() {
                    Ok(read)
                } else {
                    Err(serde::de::Error::custom(concat!("no sound `", stringify!($name), "`")))
                }
            }
        }
    };
}

pub(crate) use sound;
