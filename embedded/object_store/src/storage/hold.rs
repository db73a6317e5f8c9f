//! Files that a copy in the making still needs are removed when it is done.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::lock;

/// Who holds files, and what waits for them.
#[derive(Debug, Default)]
pub(crate) struct Holds {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    holders: usize,
    waiting: Vec<PathBuf>,
}

impl Holds {
    /// From now on nothing is removed, until [`Self::release`].
    pub(crate) fn take(&self) {
        lock(&self.state).holders += 1;
    }

    /// Ends one hold; with the last one everything that waited goes.
    pub(crate) fn release(&self) {
        let mut state = lock(&self.state);
        state.holders = state.holders.saturating_sub(1);
        let free = if state.holders == 0 { std::mem::take(&mut state.waiting) } else { Vec::new() };
        drop(state);
        for path in &free {
            remove(path);
        }
    }

    /// Removes an object file nobody refers to any more, now or when it is not held any longer. Should the process end
    /// before that, the next start sweeps it.
    pub(super) fn remove(&self, path: &Path) {
        let mut state = lock(&self.state);
        if state.holders > 0 {
            return state.waiting.push(path.to_owned());
        }
        drop(state);
        remove(path);
    }
}

fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path) {
        tracing::warn!(%error, "object file not removed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_held_file_goes_when_the_last_holder_lets_go() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("object");
        fs::write(&path, "x").unwrap();
        let holds = Holds::default();
        holds.take();
        holds.take();
        holds.remove(&path);
        holds.release();
        assert!(path.exists());
        holds.release();
        assert!(!path.exists());
        fs::write(&path, "x").unwrap();
        holds.remove(&path);
        assert!(!path.exists());
    }
}
