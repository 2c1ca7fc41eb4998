/** Exit codes of the command line: they mean the same in every command. */
/** What a process ends with. */
export declare const EXIT: {
    readonly ok: 0;
    /** It ran, and it did not come out well: something was lost, or a process died. */
    readonly failed: 1;
    /** The command line itself is wrong. */
    readonly usage: 2;
    /** The config is wrong, or does not name the pid. */
    readonly config: 3;
    /** The node cannot listen where it should. */
    readonly address: 4;
};
/** What `--help` says of them. */
export declare const EXIT_HELP = "\nExit codes:\n  0  all is well\n  1  it ran and did not come out well: something was lost, or a process died\n  2  the command line is wrong\n  3  the config is wrong, or does not name the pid\n  4  the node cannot listen: the address is taken, or not for everybody";
