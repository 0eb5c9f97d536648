"""Someone typed /build ..."""
