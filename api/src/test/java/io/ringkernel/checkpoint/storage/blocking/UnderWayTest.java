package io.ringkernel.checkpoint.storage.blocking;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.error.ClosedException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class UnderWayTest {
  private final AtomicInteger givenBack = new AtomicInteger();
  private final UnderWay underWay = new UnderWay(givenBack::incrementAndGet);
  private final List<ClosedException> stopped = new ArrayList<>();

  @Test
  void stopsWhatIsUnderWayAndGivesBackAfterTheLast() {
    UnderWay.Operation first = stopped::add;
    UnderWay.Operation second = stopped::add;
    assertThat(underWay.begin(first)).isTrue();
    assertThat(underWay.begin(second)).isTrue();
    assertThat(underWay.count()).isEqualTo(2);

    underWay.close();
    assertThat(stopped).hasSize(2);
    assertThat(stopped.get(0)).isNotSameAs(stopped.get(1)).hasMessageContaining("was closed");

    underWay.end(first);
    assertThat(givenBack).hasValue(0);
    underWay.end(second);
    assertThat(givenBack).hasValue(1);
  }

  @Test
  void letsNothingBeginOnceClosed() {
    underWay.close();

    assertThat(underWay.begin(stopped::add)).isFalse();
    assertThat(givenBack).hasValue(1);
  }

  @Test
  void givesBackOnceHoweverOftenItIsClosedAndEnded() {
    UnderWay.Operation only = stopped::add;
    underWay.begin(only);
    underWay.close();
    underWay.close();
    underWay.end(only);
    underWay.end(only);

    assertThat(stopped).hasSize(1);
    assertThat(givenBack).hasValue(1);
  }

  @Test
  void keepsRunningWhileNothingClosesIt() {
    UnderWay.Operation only = stopped::add;
    underWay.begin(only);
    underWay.end(only);

    assertThat(givenBack).hasValue(0);
    assertThat(underWay.begin(only)).isTrue();
  }
}
