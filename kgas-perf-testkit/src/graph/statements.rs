//! `Statements`: the statements of a generated graph, one after the other.

use crate::dice::Dice;
use crate::graph::generator::Generator;
use crate::graph::knowledge::Statement;

/// Draws of an object before the next free entity is taken.
const DRAWS: u32 = 16;

/// The statements of a [`Generator`], one after the other.
#[derive(Clone, Debug)]
pub struct Statements {
    dice: Dice,
    entities: u32,
    links: u32,
    /// Of 2^32 draws of an object, so many are uniform.
    uniform: u64,
    /// Sums of the weights of relations, for a draw by bisection.
    relations: Vec<u64>,
    /// The objects of all statements so far: a uniform one of them is picked in proportion to how
    /// often it was spoken of.
    objects: Vec<u32>,
    subject: u32,
    /// Objects of the current subject, from here on.
    begun: usize,
    left: u32,
}

impl Statements {
    pub(super) fn of(generator: &Generator) -> Self {
        // Price's model with an attractiveness of a beside a mean of m links has an exponent of
        // 2 + a/m, and a uniform share of a/(a + m).
        let beyond = generator.exponent - 2.0;
        let share = beyond / (1.0 + beyond);
        let mut sum = 0;
        let relations = (1..=u64::from(generator.relations))
            .map(|rank| {
                sum += (1 << 32) / rank;
                sum
            })
            .collect();
        Self {
            dice: Dice::new(generator.seed),
            entities: generator.entities,
            links: generator.links,
            uniform: (share * 4_294_967_296.0) as u64,
            relations,
            objects: Vec::with_capacity(generator.expected()),
            subject: 0,
            begun: 0,
            left: 0,
        }
    }

    /// An earlier entity of which the current one has not spoken yet; there is one.
    fn object(&mut self) -> u32 {
        let mut object = 0;
        for _ in 0..DRAWS {
            let is_uniform = self.dice.bits() >> 32 < self.uniform;
            object = if is_uniform || self.begun == 0 {
                self.dice.below(u64::from(self.subject)) as u32
            } else {
                self.objects[self.dice.below(self.begun as u64) as usize]
            };
            if !self.objects[self.begun..].contains(&object) {
                return object;
            }
        }
        while self.objects[self.begun..].contains(&object) {
            object = (object + 1) % self.subject;
        }
        object
    }
}

impl Iterator for Statements {
    type Item = Statement;

    fn next(&mut self) -> Option<Statement> {
        while self.left == 0 {
            // The first entity has nobody to speak of.
            self.subject = self.subject.checked_add(1)?;
            if self.subject >= self.entities {
                self.subject = self.entities;
                return None;
            }
            self.begun = self.objects.len();
            let wanted = 1 + self.dice.below(2 * u64::from(self.links) - 1) as u32;
            self.left = wanted.min(self.subject);
        }
        self.left -= 1;
        let object = self.object();
        self.objects.push(object);
        let weight = self.dice.below(self.relations[self.relations.len() - 1]);
        let relation = self.relations.partition_point(|sum| *sum <= weight) as u32;
        Some(Statement { subject: self.subject, relation, object })
    }
}
