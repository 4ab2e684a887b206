// GivenArguments: what the command line gave a script whose header declares arguments, read and checked before the script
// runs. The script has it as the table `args`.

public struct GivenArguments {
  public indirect enum Item: Sendable, Equatable {
    case nothing
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    /// Microseconds since the epoch.
    case timestamp(Int64)
    case list([Item])
    /// Records of a file: an array of tables by these names, without what is absent.
    case rows(names: [String], records: [[String]])
    /// A JSON document that was found to be one.
    case document([UInt8])
    /// A file to write, by its number among those that the run has.
    case output(Int)
  }

  /// Every argument that the header declares, in its order.
  public var named: [(name: String, item: Item)]
  /// The other words.
  public var words: [String]
  /// Opens a file to write, by its number.
  public var open: (Int) throws(OutputFailure) -> any OutputSink

  public init(
    named: [(name: String, item: Item)], words: [String],
    open: @escaping (Int) throws(OutputFailure) -> any OutputSink = { _ throws(OutputFailure) in
      throw OutputFailure(message: "there is no such file")
    }
  ) {
    self.named = named
    self.words = words
    self.open = open
  }
}

/// Takes what is written to one file, which is there whole or not at all.
public protocol OutputSink: AnyObject {
  func write(_ bytes: [UInt8]) throws(OutputFailure)
  /// Gives the file its name.
  func finish() throws(OutputFailure)
  /// Leaves nothing behind; does nothing after `finish`.
  func abandon()
}

/// Why a file could not be written, with its path.
public struct OutputFailure: Error, Equatable {
  public var message: String
  public init(message: String) { self.message = message }
}
