"""From decoded pixels to the network's uint8 input, exactly as model.json states it."""
