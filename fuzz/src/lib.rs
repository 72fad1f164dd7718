//! What several fuzz targets share.

pub mod bytes;
pub mod osip;
pub mod sdp;
