/** The image that {@code varve demo} backs up, changes and restores. */
@NullMarked
package io.varve.cli.demo;

import org.jspecify.annotations.NullMarked;
