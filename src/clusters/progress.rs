//! What is done with a cluster, in words: for those who wait, and for the result.

/// Who hears what is done with a cluster.
pub trait Observer: Send + Sync {
    /// Takes a step in words.
    fn step(&self, text: &str);
}

/// What was done with a cluster.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Changes {
    /// The steps in words; none when all was as wished.
    pub steps: Vec<String>,
    /// What cannot be as it should.
    pub warnings: Vec<String>,
    /// What was there before, as text.
    pub before: String,
    /// What is there now, as text.
    pub after: String,
}
