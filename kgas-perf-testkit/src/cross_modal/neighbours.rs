//! `NeighbourGraph`: entities linked to those most like them.

use crate::cross_modal::vectors::{DIMENSIONS, FeatureVectors};
use crate::dice::Dice;

/// Neighbours of an entity, where there are so many others.
const NEIGHBOURS: usize = 8;
/// Trees of the forest: more find more of the true neighbours.
const TREES: u64 = 6;
/// The most entities of a leaf, all of which are compared with each other.
const LEAF: usize = 48;

/// The nearest neighbours of each entity, nearest first.
#[derive(Clone, Debug, PartialEq)]
pub struct NeighbourGraph {
    neighbours: Vec<Vec<(f32, u32)>>,
    /// Scalar products: the cost without a clock.
    pub(super) products: u64,
}

impl NeighbourGraph {
    /// Finds the neighbours of all vectors, in O(n log n).
    ///
    /// A forest of random projections (Dasgupta and Freund, "Random Projection Trees and Low
    /// Dimensional Manifolds", 2008): each tree halves the entities at the median of their
    /// projection on a random direction, until no more than 48 are left, which are compared with
    /// each other. From a fixed seed.
    pub fn of(vectors: &FeatureVectors) -> Self {
        let count = vectors.len();
        let mut made = Self { neighbours: vec![Vec::new(); count], products: 0 };
        for tree in 0..TREES {
            let mut dice = Dice::new(tree);
            let mut entities: Vec<u32> = (0..count as u32).collect();
            let mut projected = Vec::with_capacity(count);
            made.split(vectors, &mut entities, &mut projected, &mut dice);
        }
        made
    }

    fn split(
        &mut self,
        vectors: &FeatureVectors,
        entities: &mut [u32],
        projected: &mut Vec<(f32, u32)>,
        dice: &mut Dice,
    ) {
        if entities.len() <= LEAF {
            return self.compare(vectors, entities);
        }
        let mut direction = [0.0_f32; DIMENSIONS];
        // A sum of four uniform numbers is near enough to a normal one.
        for value in &mut direction {
            *value = (0..4).map(|_| (dice.bits() >> 40) as f32 / 8_388_608.0 - 1.0).sum();
        }
        projected.clear();
        projected.extend(entities.iter().map(|e| (dot(vectors.get(*e), &direction), *e)));
        self.products += entities.len() as u64;
        let half = entities.len() / 2;
        projected.select_nth_unstable_by(half, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        for (entity, (_, sorted)) in entities.iter_mut().zip(&*projected) {
            *entity = *sorted;
        }
        let (left, right) = entities.split_at_mut(half);
        self.split(vectors, left, projected, dice);
        self.split(vectors, right, projected, dice);
    }

    fn compare(&mut self, vectors: &FeatureVectors, leaf: &[u32]) {
        for (place, &one) in leaf.iter().enumerate() {
            for &other in &leaf[place + 1..] {
                let likeness = dot(vectors.get(one), vectors.get(other));
                self.products += 1;
                offer(&mut self.neighbours[one as usize], likeness, other);
                offer(&mut self.neighbours[other as usize], likeness, one);
            }
        }
    }

    /// The neighbours of the entity with a code of the table, nearest first: the cosine of the
    /// angle between the two vectors, and the code.
    pub fn neighbours(&self, code: u32) -> &[(f32, u32)] {
        self.neighbours.get(code as usize).map_or(&[], Vec::as_slice)
    }

    /// How many entities there are.
    pub fn len(&self) -> usize {
        self.neighbours.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.neighbours.is_empty()
    }
}

/// Takes a neighbour in if it is among the nearest.
fn offer(nearest: &mut Vec<(f32, u32)>, likeness: f32, entity: u32) {
    let is_far = nearest.len() == NEIGHBOURS && likeness <= nearest[NEIGHBOURS - 1].0;
    if is_far || nearest.iter().any(|(_, known)| *known == entity) {
        return;
    }
    nearest.truncate(NEIGHBOURS - 1);
    let place = nearest.partition_point(|(known, _)| *known >= likeness);
    nearest.insert(place, (likeness, entity));
}

/// The scalar product, in eight sums that run side by side.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    for (a, b) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}
