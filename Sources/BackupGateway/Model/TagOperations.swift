// TagOperations: the rows of the model about AWS tags, which gateways, hypervisors and virtual machines carry.
//
// TagResource and UntagResource spell it ResourceARN, in what they take and in what they answer; every other operation
// spells it ResourceArn.

extension Operation {
  /// The operations about them.
  public static let ofTags: [Operation] = [
    Operation(
      "ListTagsForResource", .read,
      input: [Member("ResourceArn", .taggableArn, required: true, "The ARN of the resource.")],
      output: [
        Member("ResourceArn", .taggableArn, "The ARN of the resource."),
        Member("Tags", .tags, "Its tags."),
      ],
      errors: ["ResourceNotFoundException"],
      summary: "The AWS tags of a gateway, a hypervisor or a virtual machine.",
      example: """
        local vm = list_virtual_machines():first()
        for _, tag in ipairs(list_tags_for_resource(vm).Tags) do print(tag.Key, tag.Value) end
        """),
    Operation(
      "TagResource", .tagging,
      input: [
        Member("ResourceARN", .taggableArn, required: true, "The ARN of the resource."),
        Member("Tags", .tags, required: true, "The tags to add; a key that is there gets the new value."),
      ],
      output: [Member("ResourceARN", .taggableArn, "The ARN of the resource.")],
      errors: ["ResourceNotFoundException"],
      summary: "Adds tags to a gateway, a hypervisor or a virtual machine, and changes those it has.",
      example: """
        local vm = list_virtual_machines():first()
        tag_resource(vm, { Tags = { { Key = "team", Value = "db" }, { Key = "stage", Value = "prod" } } })
        """),
    Operation(
      "UntagResource", .tagging,
      input: [
        Member("ResourceARN", .taggableArn, required: true, "The ARN of the resource."),
        Member("TagKeys", .tagKeys, required: true, "The keys of the tags to remove."),
      ],
      output: [Member("ResourceARN", .taggableArn, "The ARN of the resource.")],
      errors: ["ResourceNotFoundException"],
      summary: "Removes tags from a gateway, a hypervisor or a virtual machine.",
      example: """
        untag_resource(list_virtual_machines():first(), { TagKeys = { "team", "stage" } })
        """),
  ]
}
