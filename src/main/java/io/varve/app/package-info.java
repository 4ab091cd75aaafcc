/** The program's start and its wiring: the only place that knows everything. */
@NullMarked
package io.varve.app;

import org.jspecify.annotations.NullMarked;
