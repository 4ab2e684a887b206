// What the doctor looks at of the terminal: what the prompt is drawn on, in which letters, and what edits a long text.
import AWSCore
import Glibc
import Host
import Shell

extension Doctor {
  static let ofTerminal = [
    Check(name: "terminal", look: terminal),
    Check(name: "locale", look: locale),
    Check(name: "editor") { _ in
      do throws(Shell.EditorProblem) { return .ok(try Shell.editor()) } catch {
        return .warning("\(error.reason); .edit and Ctrl-X Ctrl-E want one", error.advice)
      }
    },
  ]

  private static func terminal(_ doctor: Doctor) -> Finding? {
    let name = doctor.environment.variable("TERM")
    guard Shell.isInteractive else {
      return .ok("none here: the prompt needs one, scripts do not")
    }
    guard let name, name != "dumb" else {
      return .warning(
        "TERM is \(name ?? "not set"): the prompt works, without colours, hints and blocks that can be edited",
        "set TERM to what your terminal is, as in TERM=xterm-256color")
    }
    guard Shell.knowsTerminal(name) else {
      return .warning(
        "TERM is \(quoted(name)), which this system does not know: the prompt works as on a dumb terminal",
        "set TERM to one that it knows, as in TERM=xterm-256color, or install the package ncurses-term")
    }
    let size = Terminal.size(of: STDOUT_FILENO).map { ", \($0.columns) × \($0.lines)" } ?? ""
    let colours = doctor.environment.variable("NO_COLOR") == nil ? "colours" : "no colours (NO_COLOR)"
    return .ok("\(name)\(size), \(colours)")
  }

  private static func locale(_ doctor: Doctor) -> Finding? {
    let setting = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { name in
      doctor.environment.variable(name).map { "\(name)=\($0)" }
    }.first
    _ = unsafe setlocale(LC_CTYPE, "")
    let codeset = unsafe String(cString: nl_langinfo(nl_item(CODESET)))
    if codeset == "UTF-8" { return .ok("UTF-8 (\(setting ?? "the system's default"))") }
    return .warning(
      "\(setting ?? "none is set"): letters beyond ASCII are taken for \(codeset), so columns of tables may not line up",
      "set LC_ALL=C.UTF-8, or another UTF-8 locale that locale -a lists")
  }
}
