"""The temperature of a contrastive loss, fixed or trained."""

import math

import keras
from keras import ops

MAX_SCALE = 100.0  # of a learned temperature, as CLIP has it (Radford et al. 2021, section 2.5)


class TemperedHead(keras.layers.Layer):
    """A head with a temperature, by which the similarities in a loss are divided.

    Args:
        temperature: Divisor of the similarities, or the first value of it.
        learn_temperature: Whether the temperature is trained.
    """

    def __init__(self, temperature: float = 0.05, learn_temperature: bool = False, **kwargs):
        super().__init__(**kwargs)
        self.temperature = temperature
        self.learn_temperature = learn_temperature
        self.log_scale = None

    def build(self, hidden_dim: int):
        del hidden_dim
        if self.learn_temperature:
            self.log_scale = self.add_weight(
                name="log_scale", shape=(1,), dtype="float32",
                initializer=keras.initializers.Constant(-math.log(self.temperature)),
            )  # fmt: skip
        self.built = True

    @property
    def scale(self):
        """Factor of the similarities: the inverse temperature, a number or a scalar tensor."""
        if self.log_scale is None:
            return 1.0 / self.temperature
        return ops.minimum(ops.exp(self.log_scale.value[0]), MAX_SCALE)
