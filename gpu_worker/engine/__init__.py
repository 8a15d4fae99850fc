"""Device processes: one for each GPU, or for the CPU, with the models it holds in memory and the jobs it does on them."""
