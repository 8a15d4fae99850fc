"""The kernel: what every room may lean on (settings, errors, principal, ids, clock). It knows no room but itself."""

from gator.tracebacks import keep_values_out

keep_values_out()
