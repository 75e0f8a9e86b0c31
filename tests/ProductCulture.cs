// The product runs in the invariant culture (InvariantGlobalization), and so must its tests, whatever the culture of the machine.
[assembly: SetCulture("")]
[assembly: SetUICulture("")]
