/**
 * Claims that a restore is written into: new ones, and ones that are there already.
 *
 * <p>A mover writes through a claim in Block mode in Varve's namespace; the volume then goes to the
 * claim that was asked for. At every instant a PersistentVolume names the volume, and a journal
 * says what is under way. {@code NewClaimTest} and {@code InPlaceTest} kill it before each call
 * that changes something.
 */
@NullMarked
package io.varve.kube.restore;

import org.jspecify.annotations.NullMarked;
