//! The site file: what an operator decided, checked as a whole before anything runs.

use std::path::Path;

use plugtill_domain::site::{Site, SiteError, SiteFile};

/// Why a site file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SiteFileError {
    /// It cannot be read.
    #[error("{path}: cannot be read: {source}")]
    Unreadable {
        /// Which file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// It is not a site file.
    #[error("{path}: {source}")]
    NotASiteFile {
        /// Which file.
        path: String,
        /// Where and why.
        source: serde_json::Error,
    },
    /// One of its sites cannot be used.
    #[error("{path}: sites[{index}].{source}")]
    Site {
        /// Which file.
        path: String,
        /// Which site.
        index: usize,
        /// Why.
        source: SiteError,
    },
    /// It has no site.
    #[error("{path}: sites: at least one site is needed")]
    Empty {
        /// Which file.
        path: String,
    },
}

/// Reads the site file at `path`.
///
/// # Errors
/// Names the file, the field and the remedy.
pub fn read(path: &Path) -> Result<Vec<Site>, SiteFileError> {
    let name = path.display().to_string();
    let text =
        std::fs::read_to_string(path).map_err(|source| SiteFileError::Unreadable { path: name.clone(), source })?;
    parse(&text, &name)
}

/// Reads the text of a site file; `path` names it in errors.
///
/// # Errors
/// Names the file, the field and the remedy.
pub fn parse(text: &str, path: &str) -> Result<Vec<Site>, SiteFileError> {
    let path = path.to_owned();
    let file: SiteFile =
        serde_json::from_str(text).map_err(|source| SiteFileError::NotASiteFile { path: path.clone(), source })?;
    if file.sites.is_empty() {
        return Err(SiteFileError::Empty { path });
    }
    file.sites().map_err(|(index, source)| SiteFileError::Site { path, index, source })
}
