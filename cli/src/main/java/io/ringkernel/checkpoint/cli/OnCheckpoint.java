package io.ringkernel.checkpoint.cli;

/** A command about one checkpoint: what fails without a name of its own is told with this one. */
interface OnCheckpoint {
  /** Its name or path, as the command line gave it. */
  String subject();
}
