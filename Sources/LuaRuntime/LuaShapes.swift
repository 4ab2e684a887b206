// LuaShapes: tells the builder of answers what the service's structures look like.
import CLuaVM

extension LuaVM {
  /// What a member becomes that is more than a plain value.
  public enum ShapeKind: Sendable { case timestamp, list, record }

  /// Describes a shape and returns its number; nil when memory is short.
  /// - Parameters:
  ///   - item: the shape of a list's items.
  ///   - missing: the host function that is called with (record, member, shape) when a script reads a capitalised
  ///     member the shape does not have.
  public func shape(_ kind: ShapeKind, name: String, item: Int32 = -1, missing: UInt32 = 0) -> Int32? {
    let kind =
      switch kind {
      case .timestamp: LVM_SHAPE_TIMESTAMP
      case .list: LVM_SHAPE_LIST
      case .record: LVM_SHAPE_RECORD
      }
    let number = unsafe lvm_shape(handle, kind, item, name, missing)
    return number < 0 ? nil : number
  }

  /// Adds a member to a record's shape; a record has at most 64.
  public func addMember(_ name: String, shape: Int32, to record: Int32) -> Bool {
    unsafe lvm_shape_member(handle, record, name, shape)
  }
}
