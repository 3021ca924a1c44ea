package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.cli.files.NewFile;
import io.ringkernel.checkpoint.core.CheckpointInfo;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.examples.WavePicture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The checkpoints that a demo left in its store, and a picture of the wave at each. */
final class DemoGallery {
  /** Pixels on each side, about. */
  private static final int WIDTH = 512;

  private final DemoDirectory place;
  private final Session session;

  DemoGallery(DemoDirectory place, Session session) {
    this.place = place;
    this.session = session;
  }

  /** All checkpoints of this run, by step. */
  List<CheckpointInfo> checkpoints(Checkpointer checkpointer) {
    return session.await(
        checkpointer.list(place.kernelId() + "/").ofType(CheckpointInfo.class).collectList());
  }

  /**
   * Draws the wave at each checkpoint; all to one scale, so that they can be compared. Of a
   * checkpoint, only the blocks that hold the plane are read.
   */
  List<Path> draw(Checkpointer checkpointer, List<CheckpointInfo> checkpoints) throws IOException {
    List<WavePicture> pictures = new ArrayList<>();
    for (CheckpointInfo info : checkpoints) {
      try (Checkpoint checkpoint = session.await(checkpointer.load(info.name()))) {
        pictures.add(session.await(WavePicture.of(checkpoint)));
      }
    }
    float peak = 0;
    for (WavePicture picture : pictures) {
      peak = Math.max(peak, picture.peak());
    }
    List<Path> files = new ArrayList<>();
    for (WavePicture picture : pictures) {
      int zoom = Math.max(1, Math.min(64, WIDTH / picture.size()));
      byte[] png = picture.png(peak > 0 ? peak : 1, zoom);
      files.add(NewFile.write(place.picture(picture.step()), png));
    }
    return files;
  }
}
