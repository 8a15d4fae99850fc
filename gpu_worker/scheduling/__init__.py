"""Which device does which job next? Pure: `bench/gpu_sim.py` runs on simulated devices what real ones run."""
