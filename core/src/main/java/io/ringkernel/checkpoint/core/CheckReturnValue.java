package io.ringkernel.checkpoint.core;

import java.lang.annotation.ElementType;
import java.lang.annotation.Target;

/**
 * Marks immutable settings: a call whose result nobody takes sets nothing, as {@code
 * request.onlyIfAbsent();} alone would. Error Prone and others know it by its simple name.
 */
@Target(ElementType.TYPE)
@interface CheckReturnValue {}
