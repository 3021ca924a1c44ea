package io.ringkernel.checkpoint.core;

import reactor.core.publisher.Mono;

/** Where an error comes out of a call of somebody else's code. */
enum Raised {
  BY_THE_CALL {
    @Override
    <T> Mono<T> raise(Error error) {
      throw error;
    }
  },
  AT_SUBSCRIPTION {
    @Override
    <T> Mono<T> raise(Error error) {
      return Mono.defer(
          () -> {
            throw error;
          });
    }
  },
  AT_REQUEST {
    @Override
    <T> Mono<T> raise(Error error) {
      return Mono.just(1)
          .handle(
              (one, sink) -> {
                throw error;
              });
    }
  },
  AS_A_SIGNAL {
    @Override
    <T> Mono<T> raise(Error error) {
      return Mono.error(error);
    }
  };

  abstract <T> Mono<T> raise(Error error);
}
