"""Check a config and set up the devices: the first thing that a training verb does."""

import ml_collections
import tensorflow as tf

from kortf.train.assembly import check_batch_size
from kortf.train.loop.devices.placement import Placement
from kortf.train.settings.config import with_dtypes
from kortf.train.settings.keys import check_config


def launch(
    config: ml_collections.ConfigDict, workdir: str, placement: Placement
) -> tuple[ml_collections.ConfigDict, tf.distribute.Strategy, str]:
    """Return the config with the dtypes of this device, the strategy, and a line about the dtype.

    Args:
        config: Config of the run.
        workdir: Work directory, which may hold the run that continues.
        placement: Devices and replicas.

    Raises:
        InputError: A value is out of its range, a device is missing, or the replicas cannot share
            the batch evenly.
    """
    check_config(config)
    strategy = placement.start()
    check_batch_size(config, strategy.num_replicas_in_sync)
    config, note = with_dtypes(config, workdir)
    return config, strategy, note
