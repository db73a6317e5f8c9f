//! Merkle trees as in RFC 6962: leaves and inner nodes are hashed apart, and a tree of any size has one shape.

use sha2::{Digest, Sha256};

/// SHA-256.
pub(crate) type Hash = [u8; 32];

fn leaf(content: &Hash) -> Hash {
    Sha256::new().chain_update([0]).chain_update(content).finalize().into()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// How many leaves go left: the largest power of two below their number.
const fn split(leaves: usize) -> usize {
    1 << (leaves - 1).ilog2()
}

/// The root over contents; that of none is the hash of nothing.
pub(crate) fn root(contents: &[Hash]) -> Hash {
    match contents {
        [] => Sha256::digest([]).into(),
        [one] => leaf(one),
        more => {
            let (left, right) = more.split_at(split(more.len()));
            node(&root(left), &root(right))
        }
    }
}

/// The hashes beside the way from the content at `index` up to the root; none if there is no such content.
pub(crate) fn path(contents: &[Hash], index: usize) -> Vec<Hash> {
    if contents.len() < 2 || index >= contents.len() {
        return Vec::new();
    }
    let middle = split(contents.len());
    let (left, right) = contents.split_at(middle);
    let (mut path, beside) =
        if index < middle { (path(left, index), root(right)) } else { (path(right, index - middle), root(left)) };
    path.push(beside);
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The root that a content at `index` among `size` leads to by a path; `None` if the path has another length.
    fn climb(content: &Hash, (index, size): (usize, usize), path: &[Hash]) -> Option<Hash> {
        if index >= size {
            return None;
        }
        let Some((beside, below)) = path.split_last() else { return (size == 1).then(|| leaf(content)) };
        if size < 2 {
            return None;
        }
        let middle = split(size);
        if index < middle {
            Some(node(&climb(content, (index, middle), below)?, beside))
        } else {
            Some(node(beside, &climb(content, (index - middle, size - middle), below)?))
        }
    }

    fn contents(count: usize) -> Vec<Hash> {
        (0..count).map(|number| Sha256::digest(number.to_string()).into()).collect()
    }

    #[test]
    fn every_content_leads_to_the_root_and_nothing_else_does() {
        for size in 1..40 {
            let contents = contents(size);
            let root = root(&contents);
            for (index, content) in contents.iter().enumerate() {
                let way = path(&contents, index);
                assert_eq!(climb(content, (index, size), &way), Some(root), "{index} of {size}");
                let other = Sha256::digest(b"other").into();
                assert_ne!(climb(&other, (index, size), &way), Some(root));
                assert_ne!(climb(content, (index + 1, size), &way), Some(root));
                assert_eq!(climb(content, (index, size), &[way, vec![root]].concat()), None);
            }
        }
    }

    /// The tree of RFC 6962, 2.1.3, has the form of its figure.
    #[test]
    fn seven_leaves_have_the_shape_of_the_standard() {
        let contents = contents(7);
        let leaves: Vec<Hash> = contents.iter().map(leaf).collect();
        let pair = |first: usize| node(&leaves[first], &leaves[first + 1]);
        let (left, right) = (node(&pair(0), &pair(2)), node(&pair(4), &leaves[6]));
        assert_eq!(root(&contents), node(&left, &right));
        assert_eq!(path(&contents, 0), [leaves[1], pair(2), right]);
        assert_eq!(path(&contents, 6), [pair(4), left]);
    }
}
