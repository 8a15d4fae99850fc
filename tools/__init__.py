"""What can be done? One module a capability, all of them listed in `tools.catalogue`."""

import gator  # noqa: F401  # some modules log and need nothing else of it: see gator.tracebacks
