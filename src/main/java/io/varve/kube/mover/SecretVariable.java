package io.varve.kube.mover;

/** An environment variable whose value is one key of a Secret in Varve's namespace. */
public record SecretVariable(String variable, String secret, String key) {}
