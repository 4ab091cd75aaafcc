package io.varve.format.hash;

/**
 * This machine, or its JVM, has computed a hash wrongly: nothing that it computes is to be relied
 * on. Not a defect of this program, as far as anybody can tell.
 */
public final class WrongHashException extends RuntimeException {

    WrongHashException(String message) {
        super(message);
    }
}
