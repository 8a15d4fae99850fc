"""Pictures by models: `making` on a device of ours (diffusers), `elsewhere` at a provider. Imported with their first job."""
