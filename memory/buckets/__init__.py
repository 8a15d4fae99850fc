"""Media in a bucket: an S3-compatible service beside, or instead of, this machine's disk (docs/media.md)."""
