/** Objects: byte strings of any length, made of contents, read and written as streams. */
@NullMarked
package io.varve.repository.object;

import org.jspecify.annotations.NullMarked;
