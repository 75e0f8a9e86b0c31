namespace EvalJobs.Execution.Scoring;

/// <summary>What runs in every engine before a suite's script may.</summary>
internal static class ScriptSandboxPrelude
{
    /// <summary>
    /// Jint checks its limits between interpreted statements and now and then inside built-ins. This closes the gaps we found by
    /// trying (Jint 4.18): built-ins that run for minutes or take gigabytes between two checks.
    /// <list type="bullet">
    /// <item>Globals that a score does not need are removed, such as binary buffers and BigInt, whose arithmetic
    /// cannot be interrupted. (BigInt literals are rejected when the script is read.)</item>
    /// <item>Built-ins that descend into nested arrays, work match by match or join many copies of a text are replaced by script,
    /// so that every step is checked. Patterns are kept short enough to compile in a moment.</item>
    /// </list>
    /// Originals are called by a captured <c>apply</c> only: a script that replaces <c>Function.prototype.call</c> gets none of them.
    /// </summary>
    /// <remarks>
    /// <c>maxText</c> is the longest text, <c>maxPattern</c> the longest regular expression that the replaced built-ins make, in
    /// characters.
    /// </remarks>
    public const string Source = """
        (function (maxText, maxPattern) {
          'use strict';
          const { apply } = Reflect;
          const { isArray } = Array;
          const { stringify } = JSON;
          const { exec, [Symbol.replace]: replaceMatches } = RegExp.prototype;
          const { repeat, padStart, padEnd, replace, replaceAll, indexOf, slice } = String.prototype;
          const { pop } = Array.prototype;
          const Text = String, Count = Number, LimitError = RangeError;

          const kept = new Set(['globalThis', 'undefined', 'NaN', 'Infinity', 'Object', 'Function', 'Array', 'String', 'Number', 'Boolean',
            'Symbol', 'Math', 'JSON', 'Date', 'RegExp', 'Map', 'Set', 'Error', 'TypeError', 'RangeError', 'SyntaxError', 'ReferenceError',
            'EvalError', 'URIError', 'parseInt', 'parseFloat', 'isNaN', 'isFinite', 'encodeURIComponent', 'decodeURIComponent',
            'encodeURI', 'decodeURI']);
          for (const name of Object.getOwnPropertyNames(globalThis))
            if (!kept.has(name)) delete globalThis[name];
          delete Date.prototype.toTemporalInstant;
          delete String.raw;

          const define = (owner, name, value) =>
            Object.defineProperty(owner, name, { value, writable: true, configurable: true, enumerable: false });
          const fits = length => {
            if (length > maxText) throw new LimitError(`the memory limit allows texts of ${maxText} characters`);
          };

          define(String.prototype, 'repeat', function (count) {
            const text = Text(this), times = Count(count);
            fits(text.length * times);
            return apply(repeat, text, [times]);
          });
          for (const [name, pad] of [['padStart', padStart], ['padEnd', padEnd]])
            define(String.prototype, name, function (length, filler) {
              const target = Count(length);
              fits(target);
              return apply(pad, this, [target, filler]);
            });
          define(String.prototype, 'concat', function (...parts) {
            let text = `${this}`;
            for (const part of parts) text += `${part}`;
            return text;
          });

          // $$ $& $` $' $1 $<name>, as String.prototype.replace expands them.
          const expand = (template, found) => {
            const groups = typeof found[found.length - 1] === 'object' ? apply(pop, found, []) : undefined;
            const text = apply(pop, found, []), offset = apply(pop, found, []);
            const sign = (whole, mark, digits, name) => {
              if (mark === '$') return '$';
              if (mark === '&') return found[0];
              if (mark === '`') return apply(slice, text, [0, offset]);
              if (mark === "'") return apply(slice, text, [offset + found[0].length]);
              // Jint returns '' for a group that did not match.
              if (name) return groups === undefined ? whole : groups[name] ?? '';
              if (!digits) return whole;
              if (+digits >= 1 && +digits < found.length) return found[+digits] ?? '';
              const first = +digits[0];
              return digits.length === 2 && first >= 1 && first < found.length ? (found[first] ?? '') + digits[1] : whole;
            };
            return apply(replaceMatches, /\$(?:([$&`'])|([0-9]{1,2})|<([^>]*)>)/g, [template, counted(sign)]);
          };
          const counted = replacement => {
            let total = 0;
            const count = text => { fits(total += text.length); return text; };
            if (typeof replacement === 'function')
              return (...found) => count(Text(apply(replacement, undefined, found)));
            const template = Text(replacement);
            return apply(indexOf, template, ['$']) < 0 ? () => count(template) : (...found) => count(expand(template, found));
          };
          define(String.prototype, 'replace', function (pattern, replacement) {
            return apply(replace, this, [pattern, counted(replacement)]);
          });
          define(String.prototype, 'replaceAll', function (pattern, replacement) {
            return apply(replaceAll, this, [pattern, counted(replacement)]);
          });
          define(RegExp.prototype, Symbol.replace, function (text, replacement) {
            return apply(replaceMatches, this, [text, counted(replacement)]);
          });
          const bounded = pattern => {
            const source = Text(pattern);
            if (source.length > maxPattern) throw new LimitError(`a regular expression has at most ${maxPattern} characters here`);
            return source;
          };
          const Pattern = RegExp;
          define(globalThis, 'RegExp', function RegExp(pattern, flags) {
            const isPattern = typeof pattern === 'object' && pattern !== null && 'source' in pattern;
            return new Pattern(bounded(pattern === undefined ? '(?:)' : isPattern ? pattern.source : pattern),
              flags === undefined && isPattern ? pattern.flags : flags);
          });
          globalThis.RegExp.prototype = Pattern.prototype;
          define(Pattern.prototype, 'constructor', globalThis.RegExp);
          delete Pattern.prototype.compile;
          for (const name of ['match', 'matchAll', 'search']) {
            const find = String.prototype[name];
            define(String.prototype, name, function (pattern) {
              return apply(find, this, [pattern === undefined || pattern === null || pattern[Symbol.match] ? pattern : bounded(pattern)]);
            });
          }
          define(RegExp.prototype, 'exec', function (text) { return apply(exec, this, [text]); });

          const join = function (separator) {
            const between = separator === undefined ? ',' : `${separator}`, { length } = this;
            let text = '';
            for (let index = 0; index < length; index++) {
              if (index > 0) text += between;
              const item = this[index];
              if (item !== undefined && item !== null) text += `${item}`;
            }
            return text;
          };
          define(Array.prototype, 'join', join);
          define(Array.prototype, 'toLocaleString', function () { return apply(join, this, []); });
          define(Array.prototype, 'flat', function flat(depth = 1) {
            let items = [];
            for (let index = 0; index < this.length; index++) {
              const item = this[index], inner = isArray(item) && depth >= 1 ? apply(flat, item, [depth - 1]) : [item];
              for (let place = 0; place < inner.length; place++) items[items.length] = inner[place];
            }
            return items;
          });
          define(JSON, 'stringify', function (value, replacer, space) {
            if (isArray(replacer)) throw new TypeError('here JSON.stringify takes a function or nothing as its second argument');
            return apply(stringify, JSON, [value, function (key, item) {
              return typeof replacer === 'function' ? apply(replacer, this, [key, item]) : item;
            }, space]);
          });
        })
        """;
}
