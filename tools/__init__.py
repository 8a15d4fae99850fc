"""What can be done? One module a capability, all of them listed in `tools.catalogue`."""
