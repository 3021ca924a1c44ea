package io.ringkernel.checkpoint.tck.storage;

import io.ringkernel.checkpoint.storage.CheckpointStorage;
import java.util.List;
import org.junit.jupiter.api.Nested;

/**
 * The contract of a storage, topic by topic.
 *
 * <pre>{@code
 * class FileStorageContractTest extends StorageContract {
 *   @TempDir Path place;
 *
 *   @Override
 *   protected CheckpointStorage open() {
 *     return CheckpointStorages.open("file:" + place);
 *   }
 * }
 * }</pre>
 */
public abstract class StorageContract {
  /** For subclasses. */
  protected StorageContract() {}

  /**
   * Opens a storage. Each test has a place of its own, which is empty when the test begins. All
   * storages that are opened within one test are of that place and show the same objects. The kit
   * closes them.
   */
  protected abstract CheckpointStorage open();

  /**
   * How many files, connections and pooled buffers the storages of this test hold open now. A
   * backend that can tell should: the kit expects 0 after each test.
   */
  protected int openHandles() {
    return 0;
  }

  /**
   * What the place of this test holds besides objects: parts of saves, for example. A backend that
   * can tell should: the kit expects none once a save has ended.
   */
  protected List<String> leftovers() {
    return List.of();
  }

  @Nested
  class Atomicity extends AtomicityTopic {
    Atomicity() {
      super(StorageContract.this);
    }
  }

  @Nested
  class Cancellation extends CancellationTopic {
    Cancellation() {
      super(StorageContract.this);
    }
  }

  @Nested
  class Conditions extends ConditionTopic {
    Conditions() {
      super(StorageContract.this);
    }
  }

  @Nested
  class Races extends RaceTopic {
    Races() {
      super(StorageContract.this);
    }
  }

  @Nested
  class Reading extends ReadTopic {
    Reading() {
      super(StorageContract.this);
    }
  }

  @Nested
  class ReadingInto extends ReadIntoTopic {
    ReadingInto() {
      super(StorageContract.this);
    }
  }

  @Nested
  class ReadingMeanwhile extends ReadMeanwhileTopic {
    ReadingMeanwhile() {
      super(StorageContract.this);
    }
  }

  @Nested
  class Listing extends ListTopic {
    Listing() {
      super(StorageContract.this);
    }
  }

  @Nested
  class Deletion extends DeleteTopic {
    Deletion() {
      super(StorageContract.this);
    }
  }

  @Nested
  class Names extends NameTopic {
    Names() {
      super(StorageContract.this);
    }
  }

  @Nested
  class ReactiveRules extends ReactiveTopic {
    ReactiveRules() {
      super(StorageContract.this);
    }
  }

  @Nested
  class Closing extends CloseTopic {
    Closing() {
      super(StorageContract.this);
    }
  }

  @Nested
  class Attributes extends AttributeTopic {
    Attributes() {
      super(StorageContract.this);
    }
  }
}
