"""The resources, one module each: a permission, shapes, one call of a capability or a repository."""
