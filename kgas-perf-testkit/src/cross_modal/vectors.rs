//! `FeatureVectors`: what an entity is stated to be and to do, as numbers.

use crate::cross_modal::table::ColumnTable;
use crate::dice::Dice;

/// Numbers of a vector: four cache lines.
pub(super) const DIMENSIONS: usize = 64;

/// One vector of length 1 for each entity, of 64 numbers; zeros for an entity without statements.
///
/// The features of an entity are its relations by direction, and these with the entity at the
/// other end. Each is hashed to a dimension and a sign (Weinberger and others, "Feature Hashing
/// for Large Scale Multitask Learning", 2009), and weighs less the more often the other end is
/// spoken of.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureVectors {
    values: Vec<f32>,
    /// Features that were added: the cost without a clock.
    pub(super) features: u64,
}

impl FeatureVectors {
    /// Computes the vectors of a table's entities, in O(n): each row adds four features.
    pub fn of(table: &ColumnTable) -> Self {
        let mut counts = vec![0_u32; table.entities.len()];
        for code in table.subjects.iter().chain(&table.objects) {
            counts[*code as usize] += 1;
        }
        let mut made = Self { values: vec![0.0; table.entities.len() * DIMENSIONS], features: 0 };
        let rows = table.subjects.iter().zip(&table.predicates).zip(&table.objects);
        for ((subject, relation), object) in rows {
            for (own, other, direction) in [(subject, object, 0), (object, subject, 1)] {
                let weight = 1.0 / (1.0 + (counts[*other as usize] as f32).ln());
                let of_relation = (u64::from(*relation) << 1) | direction;
                made.add(*own, of_relation, 1.0);
                made.add(*own, (of_relation << 32) | u64::from(*other) | 1 << 63, weight);
            }
        }
        for vector in made.values.chunks_exact_mut(DIMENSIONS) {
            let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
            if length > 0.0 {
                vector.iter_mut().for_each(|value| *value /= length);
            }
        }
        made
    }

    fn add(&mut self, entity: u32, feature: u64, weight: f32) {
        let hash = Dice::new(feature).bits();
        let dimension = (hash as usize) % DIMENSIONS;
        let sign = if hash >> 63 == 0 { weight } else { -weight };
        self.values[entity as usize * DIMENSIONS + dimension] += sign;
        self.features += 1;
    }

    /// How many vectors there are.
    pub fn len(&self) -> usize {
        self.values.len() / DIMENSIONS
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The vector of the entity with a code of the table; empty beyond the last.
    pub fn get(&self, code: u32) -> &[f32] {
        let start = code as usize * DIMENSIONS;
        self.values.get(start..start + DIMENSIONS).unwrap_or(&[])
    }
}
