//! A table of things with a public id and a dense index, so that the packet path never searches.

use std::collections::BTreeMap;

pub(crate) struct Table<K, V> {
    index: BTreeMap<K, usize>,
    rows: Vec<Option<V>>,
    free: Vec<usize>,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self {
            index: BTreeMap::new(),
            rows: Vec::new(),
            free: Vec::new(),
        }
    }
}

impl<K: Ord + Copy, V> Table<K, V> {
    /// Replaces a row of the same id.
    pub(crate) fn insert(&mut self, id: K, row: V) -> usize {
        if let Some(&at) = self.index.get(&id) {
            self.rows[at] = Some(row);
            return at;
        }
        let at = self.free.pop().unwrap_or_else(|| {
            self.rows.push(None);
            self.rows.len() - 1
        });
        self.rows[at] = Some(row);
        self.index.insert(id, at);
        at
    }

    pub(crate) fn remove(&mut self, id: K) -> Option<(usize, V)> {
        let at = self.index.remove(&id)?;
        self.free.push(at);
        self.rows[at].take().map(|row| (at, row))
    }

    pub(crate) fn position(&self, id: K) -> Option<usize> {
        self.index.get(&id).copied()
    }

    pub(crate) fn get(&self, id: K) -> Option<&V> {
        self.at(self.position(id)?)
    }

    pub(crate) fn get_mut(&mut self, id: K) -> Option<&mut V> {
        let at = self.position(id)?;
        self.at_mut(at)
    }

    /// Rows with their dense index.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (usize, &mut V)> {
        self.rows
            .iter_mut()
            .enumerate()
            .filter_map(|(at, row)| Some((at, row.as_mut()?)))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &V)> {
        self.rows
            .iter()
            .enumerate()
            .filter_map(|(at, row)| Some((at, row.as_ref()?)))
    }

    /// One more than the largest dense index in use.
    pub(crate) fn rows(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn at(&self, at: usize) -> Option<&V> {
        self.rows.get(at)?.as_ref()
    }

    pub(crate) fn at_mut(&mut self, at: usize) -> Option<&mut V> {
        self.rows.get_mut(at)?.as_mut()
    }
}
